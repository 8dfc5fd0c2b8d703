/**
 * First of all imports: loads SystemJS with its AMD support and then hides `define`, else lodash and moment would
 * register there and export nothing. Grafana does the same.
 */
import 'systemjs/dist/system.js'
import 'systemjs/dist/extras/amd.js'

type Amd = { define?: unknown; __grafana_amd_define?: unknown }
const scope = window as unknown as Amd
scope.__grafana_amd_define = scope.define
delete scope.define
