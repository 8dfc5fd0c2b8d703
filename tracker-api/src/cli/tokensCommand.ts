import { Command, InvalidArgumentError } from 'commander'
import { SCOPES } from '../store/access/Access.ts'
import type { Scope } from '../store/access/Access.ts'
import { createAccessToken, listAccessTokens, revokeAccessToken } from '../store/access/accessTokens.ts'
import type { TokenRow } from '../store/access/accessTokens.ts'
import { withDatabase } from './withDatabase.ts'

const MAX_DAYS = 3_660

type Created = { name: string; organization?: string; allOrganizations?: true; scopes: Scope[]; days: number; json?: true }

/** `tokens create|list|revoke`: who may call the tracker. */
export function tokensCommand(): Command {
  const tokens = new Command('tokens').description('Make, list and revoke the tokens that callers show')
  tokens
    .command('create')
    .description('Make a token. Its secret is shown this once. To rotate: make a new one, move the callers, revoke the old one.')
    .requiredOption('--name <name>', 'what it is for, for people', toName)
    .option('--organization <id>', 'the only one that it reads and writes', toName)
    .option('--all-organizations', 'it reads and writes every organization')
    .requiredOption('--scopes <list>', `some of ${SCOPES.join(',')}`, toScopes)
    .option('--days <number>', 'how long it lives', toDays, 90)
    .option('--json', 'print JSON')
    .action(create)
  tokens.command('list').description('All tokens that ever were, newest first').option('--json', 'print JSON').action(list)
  tokens
    .command('revoke')
    .description('End a token and its sessions, within seconds')
    .argument('<id>', 'as list shows it')
    .option('--json', 'print JSON')
    .action(revoke)
  return tokens
}

async function create({ json, organization, allOrganizations, ...wish }: Created, command: Command): Promise<void> {
  if ((organization === undefined) === (allOrganizations === undefined)) {
    command.error('error: say either --organization <id> or --all-organizations')
  }
  const token = await withDatabase(({ admin }) => createAccessToken(admin, { ...wish, organization }))
  if (json) print(token)
  else console.log(`${describe(token)}\nIts secret, shown this once:\n${token.secret}`)
}

async function list({ json }: { json?: true }): Promise<void> {
  const tokens = await withDatabase(({ admin }) => listAccessTokens(admin))
  if (json) print({ items: tokens })
  else console.log(tokens.map(describe).join('\n') || 'There is no token. `tokens create --help` tells how to make one.')
}

async function revoke(id: string, { json }: { json?: true }, command: Command): Promise<void> {
  const revoked = await withDatabase(({ admin }) => revokeAccessToken(admin, id))
  if (!revoked) command.error('error: no living token has this ID; `tokens list` shows them')
  if (json) print({ id, revoked })
  else console.log(`${id} is revoked; replicas forget it within seconds.`)
}

function describe(token: TokenRow): string {
  const end = token.revoked_at === null ? `until ${token.expires_at}` : `revoked ${token.revoked_at}`
  const used = token.last_used_at === null ? 'never used' : `last used ${token.last_used_at}`
  const whose = token.organization_id === null ? 'all organizations' : `organization ${token.organization_id}`
  return [token.id, token.name, whose, token.scopes.join(','), end, used].join('  ')
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

function toName(text: string): string {
  if (text === '' || text.length > 200) throw new InvalidArgumentError('From 1 to 200 characters.')
  return text
}

function toScopes(text: string): Scope[] {
  const scopes = [...new Set(text.split(','))]
  const isScope = (word: string): word is Scope => SCOPES.some((scope) => scope === word)
  if (!scopes.every(isScope)) throw new InvalidArgumentError(`Known are ${SCOPES.join(', ')}, with commas between.`)
  return scopes
}

function toDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) throw new InvalidArgumentError(`A whole number from 1 to ${MAX_DAYS}.`)
  return days
}
