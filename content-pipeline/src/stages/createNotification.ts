import type { Mailbox } from '../mail/Mailbox.ts'
import { atPace } from './atPace.ts'
import { resultOf, type Stage } from './stage.ts'

const MEAN_SECONDS = 2

/** Stage 6: a mail with the link. */
export function createNotification(mailbox: Mailbox, speed: number): Stage {
  return {
    name: 'notification',
    run: ({ request, results, stage }) =>
      atPace(MEAN_SECONDS, speed, async () => {
        const { student_email: to } = resultOf(results, 'validation')
        const { messageId } = await mailbox.deliver(`${request.correlationId}.ready`, {
          to,
          subject: `Your video is ready: ${request.topic}`,
          text: `Hello ${request.studentName ?? 'there'},\n\nyour video is ready:\n${resultOf(results, 'video_processing').video_url}\n`,
        })
        stage.log('notification_sent', { message: 'Told the student that the video is ready', data: { message_id: messageId } })
        return { message_id: messageId, to }
      }),
  }
}
