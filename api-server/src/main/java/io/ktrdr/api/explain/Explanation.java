package io.ktrdr.api.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.explain.StartEstimate.Estimate;
import io.ktrdr.api.explain.StartEstimate.Interval;
import io.ktrdr.api.explain.StartEstimate.None;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.protocol.OperationStatus;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why an operation waits, or what it does: pure, from a {@link Situation}.
 *
 * @param state one word for programs
 * @param summary one or two sentences for people
 * @param start of a waiting one
 * @param end of a running one
 */
record Explanation(State state, String summary, Estimate start, Estimate end) {

  private static final None HAS_STARTED = new None("it does not wait");
  private static final None NOT_RUNNING = new None("it is not running");

  /** Silence of a worker that is worth a word. */
  private static final Duration SILENCE_SHOWN = Duration.ofSeconds(8);

  /** A wait that rounds to nothing. */
  private static final double AT_ONCE_SECONDS = 1;

  /** The order is that of the questions: the first that applies is the answer. */
  enum State {
    HELD,
    WAITING_FOR_RETRY,
    WAITING_FOR_BROKER,
    NO_WORKER,
    NO_CAPABLE_WORKER,
    WAITING_FOR_WORKER,
    RUNNING,
    STALLED,
    CANCELLING,
    ENDED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Explanation of(Situation situation) {
    return switch (situation.operation().status()) {
      case PENDING -> waiting(situation);
      case RUNNING, CANCELLING -> running(situation);
      case COMPLETED, FAILED, CANCELLED ->
          new Explanation(State.ENDED, ended(situation.operation()), HAS_STARTED, NOT_RUNNING);
    };
  }

  private static Explanation waiting(Situation situation) {
    Operation operation = situation.operation();
    if (!situation.dispatch().dispatching()) {
      return waiting(State.HELD, held(situation), "it is held, and nobody knows for how long");
    }
    boolean scheduled = "scheduled".equals(operation.dispatch());
    if (!scheduled && operation.queuedAt() == null) {
      return waiting(
          State.WAITING_FOR_BROKER,
          "Accepted and stored, and not with the broker yet. When this lasts, RabbitMQ is away or"
              + " takes nothing; it is sent by itself as soon as that is over.",
          "the broker has not taken it yet");
    }
    Optional<Explanation> nobody = nobody(situation);
    if (!scheduled && nobody.isPresent()) {
      return nobody.get();
    }
    Estimate start =
        nobody.isPresent()
            ? nobody.get().start()
            : notBefore(situation, StartEstimate.of(situation));
    return scheduled
        ? new Explanation(State.WAITING_FOR_RETRY, retry(situation), start, NOT_RUNNING)
        : new Explanation(State.WAITING_FOR_WORKER, queued(situation, start), start, NOT_RUNNING);
  }

  private static Explanation waiting(State state, String summary, String noEstimate) {
    return new Explanation(state, summary, new None(noEstimate), NOT_RUNNING);
  }

  private static String held(Situation situation) {
    Situation.Dispatch dispatch = situation.dispatch();
    String reason = dispatch.reason() == null ? "" : " (%s)".formatted(dispatch.reason());
    String place = "It keeps its place, number %d in its queue.".formatted(situation.ahead() + 1);
    return dispatch.accepting()
        ? "Held: an operator paused what waits%s. %s To go on: ktrdr admin resume"
            .formatted(reason, place)
        : "Held: the system is being drained%s. %s To go on: ktrdr admin undrain"
            .formatted(reason, place);
  }

  /** Set when no worker can ever take it as things are. */
  private static Optional<Explanation> nobody(Situation situation) {
    if (!situation.capable().isEmpty()) {
      return Optional.empty();
    }
    String type = situation.operation().type().wireName();
    List<Situation.Worker> live =
        situation.workers().stream().filter(Situation.Worker::alive).toList();
    if (live.isEmpty()) {
      return Optional.of(
          waiting(
              State.NO_WORKER,
              "No %s worker is alive%s. It starts when one registers."
                  .formatted(
                      type,
                      situation.workers().isEmpty()
                          ? ""
                          : "; %s fell silent"
                              .formatted(Words.count(situation.workers().size(), "worker"))),
              "no worker is alive"));
    }
    if (live.stream().allMatch(w -> !w.lacking(situation.demand()).isEmpty())) {
      return Optional.of(
          waiting(
              State.NO_CAPABLE_WORKER,
              "It requires %s, and no %s worker that lives has that (%d looked at). It starts when one registers that does."
                  .formatted(situation.demand(), type, live.size()),
              "no worker meets its demand"));
    }
    return Optional.of(
        waiting(
            State.NO_WORKER,
            "No %s worker takes it as things are: %s %s."
                .formatted(
                    type,
                    live.getFirst().id(),
                    live.getFirst().unable(situation.demand()).orElse("")),
            "no worker takes it as things are"));
  }

  private static Estimate notBefore(Situation situation, Estimate estimate) {
    if (situation.operation().nextAttemptAt() == null || !(estimate instanceof Interval start)) {
      return estimate;
    }
    double due =
        Duration.between(situation.now(), situation.operation().nextAttemptAt()).toMillis()
            / 1000.0;
    return new Interval(
        Math.max(due, start.earliest()),
        Math.max(due, start.median()),
        Math.max(due, start.latest()),
        start.basedOnRuns(),
        start.method());
  }

  private static String retry(Situation situation) {
    Operation operation = situation.operation();
    String due =
        operation.nextAttemptAt() == null
            ? "soon"
            : "in " + Words.duration(Duration.between(situation.now(), operation.nextAttemptAt()));
    return "Attempt %d of %d did not work; the next one is due %s."
        .formatted(operation.attempt(), operation.maxAttempts(), due);
  }

  private static String queued(Situation situation, Estimate start) {
    List<Situation.Worker> capable = situation.capable();
    long free = capable.stream().filter(worker -> !worker.busy()).count();
    String workers;
    if (free > 0) {
      workers =
          "Of %s that can take it %d %s free."
              .formatted(Words.count(capable.size(), "worker"), free, free == 1 ? "is" : "are");
    } else {
      workers =
          capable.size() == 1
              ? "The one worker that can take it is busy."
              : "All %d workers that can take it are busy.".formatted(capable.size());
    }
    return "Number %d in its queue. %s%s"
        .formatted(situation.ahead() + 1, workers, expected("start", start));
  }

  private static Explanation running(Situation situation) {
    Operation operation = situation.operation();
    Double lasted = situation.runSeconds();
    Estimate end =
        lasted == null
            ? new None("its run has just ended")
            : StartEstimate.end(situation.history(), lasted, percentage(operation));
    State state =
        operation.status() == OperationStatus.CANCELLING
            ? State.CANCELLING
            : operation.stalled() ? State.STALLED : State.RUNNING;
    String where =
        "on %s%s%s"
            .formatted(
                operation.workerId(),
                lasted == null ? "" : " for " + Words.duration(lasted),
                progress(operation));
    String summary;
    if (state == State.CANCELLING) {
      summary = "Asked to stop, and still at work %s.".formatted(where);
    } else if (state == State.STALLED) {
      summary =
          "Running %s, without a sign of progress for %s.%s"
              .formatted(where, Words.duration(noProgress(operation)), limit(operation));
    } else {
      summary = "Running %s.%s".formatted(where, expected("end", end));
    }
    return new Explanation(state, summary + silence(situation), HAS_STARTED, end);
  }

  private static Double percentage(Operation operation) {
    JsonNode percentage = operation.progress().path("percentage");
    return percentage.isNumber() ? percentage.asDouble() : 0;
  }

  private static String progress(Operation operation) {
    String step = operation.progress().path("current_step").asText();
    return ", %s done%s"
        .formatted(
            Words.percent(percentage(operation)), step.isEmpty() ? "" : " (%s)".formatted(step));
  }

  private static Duration noProgress(Operation operation) {
    Long seconds = operation.noProgressSeconds();
    return seconds == null ? Duration.ZERO : Duration.ofSeconds(seconds);
  }

  private static String limit(Operation operation) {
    Integer limit = operation.timeouts().progressSeconds();
    return limit == null
        ? ""
        : " After %s without any it is ended.".formatted(Words.duration(Duration.ofSeconds(limit)));
  }

  private static String silence(Situation situation) {
    return situation.workers().stream()
        .filter(worker -> worker.id().equals(situation.operation().workerId()))
        .filter(worker -> worker.silentFor().compareTo(SILENCE_SHOWN) > 0)
        .map(worker ->
            " Its worker has not been heard of for %s; when that goes on, another one takes over."
                .formatted(Words.duration(worker.silentFor())))
        .findFirst()
        .orElse("");
  }

  private static String expected(String what, Estimate estimate) {
    return switch (estimate) {
      case None(String why) -> " When it will %s cannot be told: %s.".formatted(what, why);
      case Interval(double earliest, double median, double latest, int _, String _) ->
          latest < AT_ONCE_SECONDS
              ? " It should %s at once.".formatted(what)
              : " It should %s in about %s (%s to %s)."
                  .formatted(
                      what,
                      Words.duration(median),
                      Words.duration(earliest),
                      Words.duration(latest));
    };
  }

  private static String ended(Operation operation) {
    String attempt =
        operation.attempt() == 0
            ? "before any attempt"
            : "on attempt %d of %d%s"
                .formatted(
                    operation.attempt(),
                    operation.maxAttempts(),
                    operation.workerId() == null ? "" : ", worker " + operation.workerId());
    Duration duration = operation.duration();
    String took = duration == null ? "" : " after " + Words.duration(duration);
    if (operation.status() == OperationStatus.COMPLETED) {
      return "Completed%s, %s.".formatted(took, attempt);
    }
    return operation.status() == OperationStatus.FAILED
        ? "Failed%s, %s. %s: %s"
            .formatted(took, attempt, operation.errorCode(), operation.errorMessage())
        : "Cancelled%s, %s: %s".formatted(took, attempt, operation.errorMessage());
  }
}
