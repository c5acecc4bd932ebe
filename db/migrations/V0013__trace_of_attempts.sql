-- Where the trace of an operation begins, and that of each attempt: what is sent again for it, and the
-- attempts after it, go on from there or link to it. Null while telemetry is off.
alter table operations add column traceparent text;
alter table runs add column traceparent text;

comment on column operations.traceparent is 'W3C traceparent of its submit; the headers of its messages have it';
comment on column runs.traceparent is 'W3C traceparent of the span in which its message was handled; later attempts link to it';
