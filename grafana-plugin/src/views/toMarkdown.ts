import type { RequestDetail } from '@vividly/tracker-api/contract'

import { formatMeasured } from './formatDuration.ts'
import { stageLook } from './stages.ts'
import { stageState, STATES } from './states.ts'

/**
 * A request for a ticket, without the student's name: what a support tool may show to more people.
 * @param said the sentence of the detail
 * @param url where the reader finds it
 */
export function toMarkdown(request: RequestDetail, said: string, url: string): string {
  const rows = request.stages.map((stage) => {
    const state = STATES[stageState(stage, request.status)].word
    const took = stage.duration_seconds === null ? '' : formatMeasured(stage.duration_seconds * 1000)
    return `| ${escape(stageLook(stage.name).label)} | ${state} | ${took} | ${stage.retry_count} |`
  })
  return [
    `**${escape(request.topic ?? 'No topic')}**: ${escape(said)}`,
    '',
    `- Request: \`${request.correlation_id}\``,
    `- Created: ${request.created_at}`,
    ...(request.student_id === null ? [] : [`- Student: ${escape(request.student_id)}`]),
    `- Link: <${url}>`,
    '',
    '| Stage | State | Time | Retries |',
    '|---|---|---|---|',
    ...rows,
    ...(request.error_message === null ? [] : ['', ...request.error_message.split(/\r?\n/).map((line) => `> ${escape(line)}`)]),
  ].join('\n')
}

/** Text of others stays text: it can make no link, table, tag or mention. */
function escape(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_{}[\]()<>#|~@!]/g, '\\$&')
}
