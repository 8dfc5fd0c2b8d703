import { createHash, randomBytes } from 'node:crypto'

/** By its prefix a secret that leaked into a log or a repository is found. */
const prefixes = { token: 'vvdt_', session: 'vvds_' } as const

/** 256 random bits in base64url behind a prefix. */
export function newSecret(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomBytes(32).toString('base64url')
}

export function isSecret(text: string, kind: keyof typeof prefixes): boolean {
  return text.startsWith(prefixes[kind]) && /^[\w-]{43}$/.test(text.slice(prefixes[kind].length))
}

/** Looked up by: what the time of a lookup tells of a hash tells nothing of the secret. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
