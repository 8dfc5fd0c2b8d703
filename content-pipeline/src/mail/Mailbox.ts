import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'

export type Mail = { to: string; subject: string; text: string }

/** Stands for a mail server: each mail becomes an `.eml` file that any mail program opens. */
export class Mailbox {
  readonly #folder: string
  readonly #transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'mailbox')
  }

  /** @param name of the file without `.eml`; the same name overwrites, so a repeated mail arrives once. */
  async deliver(name: string, mail: Mail): Promise<{ messageId: string; file: string }> {
    const sent = await this.#transport.sendMail({ from: 'Vividly <no-reply@vividly.example>', ...mail })
    const file = join(this.#folder, `${name}.eml`)
    await mkdir(this.#folder, { recursive: true })
    await writeFile(file, sent.message)
    return { messageId: sent.messageId, file }
  }
}
