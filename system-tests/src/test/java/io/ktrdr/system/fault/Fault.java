package io.ktrdr.system.fault;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that injects one fault of the matrix and measures the seconds until the user sees the
 * promised outcome. It takes a {@link Recovery} and must use it.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@Tag(Fault.TAG)
@ExtendWith(FaultReport.class)
@interface Fault {

  /** Every fault has this tag. */
  String TAG = "fault";

  /** Tests with this tag take longer than the build may wait; {@code ./ktrdr chaos} runs them. */
  String SLOW = "slow-fault";

  /** Number in the fault matrix. */
  int row();

  /** What breaks. */
  String what();

  /** What the user sees. */
  String outcome();

  /** Bound of the outcome, in seconds from {@link Recovery#start()}. */
  double within();
}
