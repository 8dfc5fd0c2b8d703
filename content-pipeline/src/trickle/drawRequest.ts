import type { Random } from '../simulators/latency.ts'
import { SAMPLE_STUDENTS } from '../store/students.ts'

const TOPICS: readonly (readonly [topic: string, objective: string])[] = [
  ['Photosynthesis in plants', 'Understand the process of photosynthesis'],
  ['Cell division', 'Tell the phases of mitosis apart'],
  ['DNA and genes', 'Explain how a gene becomes a protein'],
  ['Evolution by natural selection', 'Explain why traits spread in a population'],
  ['The periodic table', 'Predict how an element reacts from its column'],
  ['Acids, bases and pH', 'Read the pH scale'],
  ['Balancing chemical equations', 'Balance a combustion reaction'],
  ['Newton’s laws of motion', 'Apply force equals mass times acceleration'],
  ['Electric circuits', 'Use Ohm’s law in series and parallel circuits'],
  ['Refraction of light', 'Explain how a lens makes an image'],
  ['The water cycle', 'Follow a drop from the sea to the sea'],
  ['Plate tectonics', 'Explain where mountains and earthquakes come from'],
  ['The greenhouse effect', 'Explain why the climate warms'],
  ['The seasons', 'Explain summer and winter by the tilt of the Earth'],
  ['The Pythagorean theorem', 'Find the longest side of a right triangle'],
  ['Adding fractions', 'Add fractions with different denominators'],
  ['Quadratic equations', 'Solve a quadratic equation in three ways'],
  ['Probability', 'Multiply the probabilities of independent events'],
  ['Prime numbers', 'Factor a number into primes'],
  ['The Roman Empire', 'Name what held the empire together'],
  ['The French Revolution', 'Weigh the causes of the revolution of 1789'],
  ['The Industrial Revolution', 'Describe how factories changed cities'],
  ['Metaphor and simile', 'Tell a metaphor from a simile'],
  ['Supply and demand', 'Explain how a price settles'],
  ['Binary numbers', 'Convert between binary and decimal'],
  ['Sorting algorithms', 'Explain merge sort step by step'],
]

/** Share of the trickle that comes from students who may not ask: they fail in the first stage. */
const SHARE_REFUSED = 0.06
const MAY_REQUEST = SAMPLE_STUDENTS.filter(({ permissions }) => permissions.includes('content:request'))
const MAY_NOT = SAMPLE_STUDENTS.filter((student) => !MAY_REQUEST.includes(student))

export type SampleRequest = {
  student_id: string
  student_name: string
  organization_id: string
  topic: string
  learning_objective: string
}

/** A request as a student's app would send it. */
export function drawRequest(random: Random): SampleRequest {
  const student = pick(random() < SHARE_REFUSED ? MAY_NOT : MAY_REQUEST, random)
  const [topic, objective] = pick(TOPICS, random)
  return {
    student_id: student.studentId,
    student_name: student.fullName,
    organization_id: student.organizationId,
    topic,
    learning_objective: objective,
  }
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('Nothing to pick from')
  return item
}
