import { PanelOptionsEditorBuilder } from '@grafana/data'
import type { PanelPlugin, StandardEditorProps } from '@grafana/data'
import { Field, Input, MultiSelect, RadioButtonGroup } from '@grafana/ui'

type Choice = { value: string; label?: string }
type Editor = StandardEditorProps<unknown, { options?: Choice[] } | undefined>

/** Grafana's own editors are in its server's code: these are the same components of its library, wired as there. */
export const OPTION_EDITORS: Record<string, (props: Editor) => React.ReactNode> = {
  text: ({ id, value, onChange }) => <Input id={id ?? ''} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />,
  radio: ({ id, value, onChange, item }) => <RadioButtonGroup id={id ?? ''} value={value} options={item.settings?.options ?? []} onChange={onChange} />,
  'multi-select': ({ id, value, onChange, item }) => (
    <MultiSelect inputId={id ?? ''} value={value as never} options={item.settings?.options ?? []} onChange={(chosen) => onChange(chosen.map((one) => one.value))} />
  ),
}

type Props = { plugin: PanelPlugin; options: Record<string, unknown>; onChange: (next: Record<string, unknown>) => void }

/** The side of Grafana's panel editor: an editor for each option that is to be shown. */
export function OptionsPane({ plugin, options, onChange }: Props) {
  const builder = new PanelOptionsEditorBuilder<Record<string, unknown>>()
  plugin.getPanelOptionsSupplier()(builder as never, { data: [], options } as never)
  return (
    <aside aria-label="Panel options" style={{ width: 320, padding: 16 }}>
      {builder
        .getItems()
        .filter((item) => item.showIf?.(options, []) ?? true)
        .map((item) => {
          const Draw = item.editor as unknown as (props: Editor) => React.ReactNode
          return (
            <Field key={item.id} htmlFor={`option-${item.path}`} label={item.name} description={item.description}>
              <Draw
                id={`option-${item.path}`}
                value={options[item.path] ?? item.defaultValue}
                item={item as never}
                context={{ data: [], options }}
                onChange={(value) => onChange({ ...options, [item.path]: value })}
              />
            </Field>
          )
        })}
    </aside>
  )
}
