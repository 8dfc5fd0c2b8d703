"""Tracks requests by the tracking convention with OpenTelemetry's own SDK alone. Copy it; nothing here is ours to install."""

import hashlib
import secrets
import time
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

# OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_ENDPOINT steer these, as everywhere.
_tracers = TracerProvider()
_tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
_loggers = LoggerProvider()
# Life-cycle records leave within 200 ms, so that a stage is on the screen while it runs.
_loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(), schedule_delay_millis=200))
_tracer = _tracers.get_tracer("tracking")
_logger = _loggers.get_logger("tracking")


def new_correlation_id() -> str:
    return f"vvd_{int(time.time() * 1000):013d}_{secrets.token_hex(4)}"


def root_context(correlation_id: str):
    """The context under which stages start: the request's root span, which anyone can compute from its ID."""
    _, ms, random = correlation_id.split("_")
    check = hashlib.sha256(correlation_id.encode()).hexdigest()[:8]
    root = trace.SpanContext(
        trace_id=int(f"c1d{ms}{check}{random}", 16),
        span_id=int(f"{check}{random}", 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(root))


def event(correlation_id: str, name: str, *, context=None, failed=False, **attributes) -> None:
    _logger.emit(
        event_name=f"vividly.{name}",
        timestamp=time.time_ns(),
        severity_number=SeverityNumber.ERROR if failed else SeverityNumber.INFO,
        context=context or root_context(correlation_id),
        attributes={**attributes, "log.record.uid": secrets.token_hex(16)},
    )


@contextmanager
def track_stage(correlation_id: str, stage: str, attempt: int = 1):
    """`with track_stage(id, "validation"):` has started before the block runs, and ends as the block does."""
    attributes = {"vividly.stage.name": stage, "vividly.stage.attempt": attempt}
    with _tracer.start_as_current_span(stage, root_context(correlation_id), attributes=attributes):
        event(correlation_id, "stage.started", **attributes)
        try:
            yield
        except Exception as error:
            told = {"exception.type": type(error).__name__, "exception.message": str(error)}
            event(correlation_id, "stage.failed", failed=True, **attributes, **told)
            raise
        event(correlation_id, "stage.completed", **attributes)


def shutdown() -> None:
    _tracers.shutdown()
    _loggers.shutdown()
