/** What a student may do. Anything else in the table is an unknown permission and stops the request. */
export const PERMISSIONS = ['content:view', 'content:request'] as const

export type Student = {
  studentId: string
  fullName: string
  email: string
  organizationId: string
  permissions: string[]
}

const MAY_REQUEST = ['content:view', 'content:request']

/** Two schools. The last two can't get a video: one may only view, one has a permission that nobody knows. */
export const SAMPLE_STUDENTS: readonly Student[] = [
  student('s-1001', 'Jane Doe', 'northside-high', MAY_REQUEST),
  student('s-1002', 'John Smith', 'northside-high', MAY_REQUEST),
  student('s-1003', 'Aisha Khan', 'northside-high', MAY_REQUEST),
  student('s-1004', 'Mateo García', 'northside-high', MAY_REQUEST),
  student('s-1005', 'Emma Müller', 'northside-high', MAY_REQUEST),
  student('s-2001', 'Liam O’Brien', 'lakeview-academy', MAY_REQUEST),
  student('s-2002', 'Yuki Tanaka', 'lakeview-academy', MAY_REQUEST),
  student('s-2003', 'Chloé Dubois', 'lakeview-academy', MAY_REQUEST),
  student('s-2004', 'Noah Johnson', 'lakeview-academy', MAY_REQUEST),
  student('s-2005', 'Priya Sharma', 'lakeview-academy', MAY_REQUEST),
  student('s-1099', 'Oscar Lind', 'northside-high', ['content:view']),
  student('s-2099', 'Ruth Adler', 'lakeview-academy', ['content:view', 'content:reqest']),
]

function student(studentId: string, fullName: string, organizationId: string, permissions: string[]): Student {
  return { studentId, fullName, email: `${studentId}@${organizationId}.example`, organizationId, permissions }
}
