import type { GrafanaTheme2 } from '@grafana/data'
import type { CSSProperties } from 'react'

/** Grafana's types say of each colour that it may be missing; a created theme has them all. */
type Whole<T> = { [K in keyof T]-?: NonNullable<T[K]> }

/** Grafana's tokens as the properties that the views are styled by: the one place where the two meet. */
export function themeProperties(theme: GrafanaTheme2): CSSProperties {
  const { shape, typography } = theme
  const colors = theme.colors as Whole<GrafanaTheme2['colors']>
  const { background, border, text } = colors
  // So much that words in these colours keep 4.5:1 on it.
  const share = theme.isDark ? '14%' : '6%'
  const soft = (main: string) => `color-mix(in srgb, ${main} ${share}, ${background.primary})`
  return {
    '--vt-bg': background.canvas,
    '--vt-surface': background.primary,
    '--vt-raised': background.secondary,
    '--vt-border': border.medium,
    '--vt-shape': `color-mix(in srgb, ${text.primary} 55%, ${background.primary})`,
    '--vt-text': text.primary,
    '--vt-muted': text.secondary,
    '--vt-on-fill': background.primary,
    '--vt-neutral': text.secondary,
    '--vt-info': colors.info.text,
    '--vt-success': colors.success.text,
    '--vt-warning': colors.warning.text,
    '--vt-danger': colors.error.text,
    '--vt-neutral-soft': background.secondary,
    '--vt-info-soft': soft(colors.info.text),
    '--vt-success-soft': soft(colors.success.text),
    '--vt-warning-soft': soft(colors.warning.text),
    '--vt-danger-soft': soft(colors.error.text),
    '--vt-font': typography.fontFamily,
    '--vt-mono': typography.fontFamilyMonospace,
    '--vt-radius': shape.radius.default,
  } as CSSProperties
}
