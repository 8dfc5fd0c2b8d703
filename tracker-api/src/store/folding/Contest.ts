/**
 * Rows by their keys, for one statement can't write a row twice: of several versions the one that outranks the others. Where
 * neither of two does, the later ones are contested, and the database decides by what they hold.
 */
export class Contest<Row> {
  readonly #outranks: (one: Row, other: Row) => boolean
  readonly #rows = new Map<string, Row>()
  readonly #contested = new Map<string, Row[]>()

  constructor(outranks: (one: Row, other: Row) => boolean) {
    this.#outranks = outranks
  }

  add(key: string, row: Row): void {
    const other = this.#rows.get(key)
    if (other === undefined) this.#rows.set(key, row)
    else if (this.#outranks(row, other)) {
      this.#rows.set(key, row)
      this.#contested.delete(key)
    } else if (!this.#outranks(other, row)) {
      const contested = this.#contested.get(key)
      if (contested === undefined) this.#contested.set(key, [row])
      else contested.push(row)
    }
  }

  /** Each key once. */
  rows(): Iterable<Row> {
    return this.#rows.values()
  }

  /** Nearly always none. */
  contested(): Iterable<Row> {
    return [...this.#contested.values()].flat()
  }
}
