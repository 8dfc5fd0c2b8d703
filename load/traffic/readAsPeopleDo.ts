import { check } from 'k6'
import http from 'k6/http'

const monitoring = `${__ENV['TRACKER_URL']}/api/v1/monitoring`
type List = { items: { id: string }[]; next_cursor: string | null }

/** Somebody opens the page, looks through the list and into a request: a call of each kind. */
export function readAsPeopleDo(): void {
  get('dashboard', '/dashboard')
  const list = get('list', '/requests?limit=50') as List | undefined
  get('list_of_failed', '/requests?status=failed&limit=50')
  if (list?.next_cursor) get('next_page', `/requests?limit=50&cursor=${encodeURIComponent(list.next_cursor)}`)
  const one = list?.items[Math.floor(Math.random() * list.items.length)]
  if (one !== undefined) {
    get('detail', `/requests/${one.id}`)
    get('events', `/requests/${one.id}/events`)
    get('spans', `/requests/${one.id}/spans`)
  }
  get('metrics', '/metrics')
  get('search', `/requests?limit=50&q=student-${Math.floor(Math.random() * 5_000)}`)
  get('circuit_breakers', '/circuit-breakers')
}

function get(endpoint: string, path: string): unknown {
  const answer = http.get(`${monitoring}${path}`, { tags: { endpoint, name: endpoint } })
  const isGood = check(answer, { 'answered 200': ({ status }) => status === 200 })
  return isGood ? answer.json() : undefined
}
