const texts = new WeakMap<Response, string>()

/** 200 with JSON that is text already; never cached, for it may be older than the next call. */
export function jsonResponse(body: string): Response {
  return textResponse(body, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } })
}

/** A response whose text {@link textOf} knows. */
export function textResponse(body: string, init: ResponseInit): Response {
  const response = new Response(body, init)
  texts.set(response, body)
  return response
}

/** What a response says. One of {@link textResponse} stays unread: reading it makes streams and copies of every answer. */
export async function textOf(response: Response): Promise<{ text: string; unread: Response }> {
  const known = texts.get(response)
  if (known !== undefined) return { text: known, unread: response }
  const text = await response.text()
  const { status, headers } = response
  return { text, unread: textResponse(text, { status, headers }) }
}
