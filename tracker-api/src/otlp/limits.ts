/** What one request may hold; whatever is above is refused or cut, and both are counted. */

/** Spans and their events, or log records, of one request. */
export const MAX_RECORDS = 100_000
/** Messages in a protobuf body, or objects and arrays in a JSON body: bounds memory before it is spent. */
export const MAX_PROTOBUF_MESSAGES = 1_000_000
export const MAX_JSON_OBJECTS = 2_000_000
/** JSON.parse with a reviver overflows the stack somewhere above 3,000. */
export const MAX_JSON_DEPTH = 1_000
/** Levels of an attribute's value: a plain value is 1, a list of plain values 2. */
export const MAX_VALUE_DEPTH = 32

export const MAX_ATTRIBUTES = 128
/** Elements of one list or map inside a value. */
export const MAX_ELEMENTS = 1_024
/** UTF-16 units. */
export const MAX_KEY_LENGTH = 256
/** Bytes of UTF-8: span, event, scope and service names. */
export const MAX_NAME_BYTES = 512
export const MAX_TEXT_BYTES = 4 * 1024
/** For scripts, stage outputs and stack traces. */
export const MAX_LONG_TEXT_BYTES = 64 * 1024
