"""What Temporal's SDK tells of itself, told where everything else is."""

import logging

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter


def forward_core_logs() -> None:
    """For a program at its start, before it connects: the SDK has one runtime for a process."""
    # What stands in its fields holds the texts of errors.
    forwarded = LogForwardingConfig(
        logging.getLogger("temporal"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    told = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarded)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=told)), error_if_already_set=False)
