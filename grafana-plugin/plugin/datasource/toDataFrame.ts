import { createDataFrame, FieldType } from '@grafana/data'
import type { DataFrame, QueryResultMeta } from '@grafana/data'

import { t } from '../../src/text/t.ts'
import type { FieldKind, FieldSpec } from '../../src/frames.ts'

const KINDS: Record<FieldKind, FieldType> = {
  string: FieldType.string,
  number: FieldType.number,
  time: FieldType.time,
  boolean: FieldType.boolean,
  other: FieldType.other,
}

type Options = {
  refId: string
  name?: string
  meta?: QueryResultMeta
  labels?: Record<string, string>
  /** The address that opens a request; `${__value.raw}` stands for its ID. */
  requestHref: string
}

/** Rows as Grafana's frame: one typed field for each of `fields`. */
export function toDataFrame<T>(rows: readonly T[], fields: readonly FieldSpec<T>[], options: Options): DataFrame {
  const { refId, name, meta, labels, requestHref } = options
  return createDataFrame({
    refId,
    ...(name !== undefined && { name }),
    ...(meta && { meta }),
    fields: fields.map((field) => ({
      name: field.name,
      type: KINDS[field.kind],
      values: rows.map((row) => field.read(row)),
      ...(labels && field.kind === 'number' && { labels }),
      config: {
        ...(field.unit !== undefined && { unit: field.unit }),
        ...(field.description !== undefined && { description: field.description }),
        ...(field.link === 'request' && { links: [{ title: t('Open this request'), url: requestHref }] }),
      },
    })),
  })
}
