import { readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { warn } from '../warnOnce.ts'
import type { LossReason } from './GapLedger.ts'
import { SPOOL_FILE_ENDING } from './openSpoolFolder.ts'
import type { SpoolFile } from './openSpoolFolder.ts'
import { PRIORITIES } from './Parcel.ts'
import type { Parcel, Priority, Tally } from './Parcel.ts'
import { readSpoolFile, spoolFileOf } from './spoolFile.ts'

/** What even a small file takes of a disk. */
const BLOCK_BYTES = 4096
/** What waits for a slow disk; it is memory beside the buffer's. */
const MAX_UNWRITTEN_BYTES = 4_194_304

export type SpoolOptions = {
  folder: string
  /** Files that are there already. */
  leftovers: readonly SpoolFile[]
  maxBytes: number
  lose: (reason: LossReason, tallies: readonly Tally[]) => void
}

type Entry = { path: string; priority: Priority; bytes: number }

/**
 * Parcels on disk, a file each: copies of what memory holds as well, and a backlog of what it has no room for.
 * A file outlives the process, not the machine: nothing is synced. Its faults are one warning; nothing rejects.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #backlog: Record<Priority, Entry[]> = { diagnostic: [], outcome: [], life_cycle: [] }
  readonly #copies = new WeakMap<Parcel, Entry>()
  readonly #settled = new WeakSet<Parcel>()
  #bytes = 0
  #unwrittenBytes = 0
  #files = 0
  #fault: LossReason | undefined
  #isFullTold = false
  /** One operation on the disk at a time, in order. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: SpoolOptions) {
    this.#options = options
    for (const { path, bytes } of options.leftovers) {
      const rank = Number(basename(path).split('-')[0])
      const entry = { path, priority: PRIORITIES[rank] ?? 'life_cycle', bytes: Math.max(bytes, BLOCK_BYTES) }
      this.#bytes += entry.bytes
      this.#backlog[entry.priority].push(entry)
    }
  }

  get hasBacklog(): boolean {
    return PRIORITIES.some((priority) => this.#backlog[priority].length > 0)
  }

  /** A copy, in case this process dies before the parcel is delivered. */
  writeAhead(parcel: Parcel): void {
    if (this.#copies.has(parcel) || this.#unwrittenBytes + parcel.body.length > MAX_UNWRITTEN_BYTES) return
    void this.#queueWrite(parcel)
  }

  /** Takes over what memory has no room for. */
  async keep(parcel: Parcel): Promise<void> {
    if (!this.#copies.has(parcel) && this.#unwrittenBytes + parcel.body.length > MAX_UNWRITTEN_BYTES) {
      this.#options.lose('memory_full', parcel.tallies)
      return
    }
    const entry = await this.#queueWrite(parcel)
    if (entry === undefined) this.#options.lose(this.#fault ?? 'spool_full', parcel.tallies)
    else this.#backlog[entry.priority].push(entry)
  }

  /** Delivered or lost: no file is needed any more. */
  settle(parcel: Parcel): void {
    this.#settled.add(parcel)
    void this.#inTurn(async () => {
      const entry = this.#copies.get(parcel)
      if (entry !== undefined) await this.#remove(entry)
    })
  }

  /** Brings the backlog's most important back to memory, at least one. Their files stay until they are settled. */
  async take(maxBytes: number): Promise<Parcel[]> {
    const parcels: Parcel[] = []
    await this.#inTurn(async () => {
      for (let bytes = 0; bytes < maxBytes; ) {
        const priority = PRIORITIES.findLast((candidate) => this.#backlog[candidate].length > 0)
        const entry = priority && this.#backlog[priority].shift()
        if (entry === undefined) return
        const parcel = await this.#read(entry)
        if (parcel === undefined) continue
        this.#copies.set(parcel, entry)
        parcels.push(parcel)
        bytes += parcel.body.length
      }
    })
    return parcels
  }

  /** Nothing is to be kept: no folder stays behind. */
  async close(): Promise<void> {
    await this.#inTurn(() => rm(this.#options.folder, { recursive: true, force: true }))
  }

  async #queueWrite(parcel: Parcel): Promise<Entry | undefined> {
    this.#unwrittenBytes += parcel.body.length
    const entry = await this.#inTurn(async () => {
      if (this.#settled.has(parcel)) return undefined
      return this.#copies.get(parcel) ?? this.#write(parcel)
    })
    this.#unwrittenBytes -= parcel.body.length
    return entry
  }

  async #write(parcel: Parcel): Promise<Entry | undefined> {
    if (this.#fault !== undefined) return undefined
    const file = spoolFileOf(parcel)
    const bytes = Math.max(file.length, BLOCK_BYTES)
    if (!(await this.#makeRoom(bytes, parcel.priority))) return undefined
    const rank = PRIORITIES.indexOf(parcel.priority)
    const name = `${rank}-${String((this.#files += 1)).padStart(12, '0')}`
    const path = join(this.#options.folder, name + SPOOL_FILE_ENDING)
    await writeFile(`${path}.new`, file, { mode: 0o600 })
    await rename(`${path}.new`, path)
    const entry = { path, priority: parcel.priority, bytes }
    this.#bytes += bytes
    this.#copies.set(parcel, entry)
    return entry
  }

  /** Drops from the backlog the oldest of the lowest priority, none above the given one. */
  async #makeRoom(bytes: number, priority: Priority): Promise<boolean> {
    const droppable = PRIORITIES.slice(0, PRIORITIES.indexOf(priority) + 1)
    while (this.#bytes + bytes > this.#options.maxBytes) {
      if (!this.#isFullTold) warn(`the spool in ${this.#options.folder} is full; the least important goes first.`)
      this.#isFullTold = true
      const lowest = droppable.find((candidate) => this.#backlog[candidate].length > 0)
      const entry = lowest && this.#backlog[lowest].shift()
      if (entry === undefined) return false
      const parcel = await this.#read(entry)
      if (parcel === undefined) continue
      this.#options.lose('spool_full', parcel.tallies)
      await this.#remove(entry)
    }
    return true
  }

  async #read(entry: Entry): Promise<Parcel | undefined> {
    const parcel = readSpoolFile(await readFile(entry.path).catch(() => Buffer.alloc(0)))
    if (parcel !== undefined) return parcel
    warn(`${entry.path} could not be read back, and what it held is lost.`)
    await this.#remove(entry)
    return undefined
  }

  async #remove(entry: Entry): Promise<void> {
    this.#bytes -= entry.bytes
    await unlink(entry.path).catch(() => {})
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T | undefined> {
    const done = this.#work.then(operation).catch((error: unknown) => {
      if (this.#fault === undefined) {
        warn(`the spool in ${this.#options.folder} is broken; telemetry is kept in memory only.`, error)
      }
      this.#fault = 'spool_broken'
      return undefined
    })
    this.#work = done
    return done
  }
}
