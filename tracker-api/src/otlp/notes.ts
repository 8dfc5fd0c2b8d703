/**
 * Attributes that the tracker itself adds, to say what it changed.
 *
 * They don't stand under `vividly.`: a foreign trace is tracked where it carries such an attribute, and a note
 * must not turn somebody's long SQL text into a tracked request.
 */

/** OpenTelemetry's name for it; what the sender dropped and what we dropped. */
export const NOTE_DROPPED_ATTRIBUTES = 'otel.dropped_attributes_count'
/** How many texts were cut to their limit. */
export const NOTE_TRUNCATED_TEXTS = 'tracker.truncated_texts_count'
/** Microseconds by which a span claimed to end before it started. */
export const NOTE_CLOCK_SKEW_US = 'tracker.clock_skew_us'
