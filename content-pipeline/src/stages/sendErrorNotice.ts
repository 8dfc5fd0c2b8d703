import type { Mailbox } from '../mail/Mailbox.ts'
import type { ContentRequest } from '../store/RequestStore.ts'
import type { Student } from '../store/students.ts'

/** Tells the student that the request failed, and what to quote to support. */
export async function sendErrorNotice(
  mailbox: Mailbox,
  request: ContentRequest,
  student: Student,
  reason: string,
): Promise<string> {
  const { messageId } = await mailbox.deliver(`${request.correlationId}.failed`, {
    to: student.email,
    subject: `We could not make your video: ${request.topic}`,
    text: [
      `Hello ${student.fullName},`,
      `we are sorry: your video on "${request.topic}" could not be made.`,
      `Reason: ${reason}`,
      `Please ask again later, or write to support and quote ${request.correlationId}.\n`,
    ].join('\n\n'),
  })
  return messageId
}
