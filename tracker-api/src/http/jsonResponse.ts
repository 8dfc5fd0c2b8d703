/** 200 with JSON that is text already; never cached, for it may be older than the next call. */
export function jsonResponse(body: string): Response {
  return new Response(body, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } })
}
