package io.ktrdr.standalone;

/**
 * Starts a process for a server; a caller that must know of every process, or must forbid new ones
 * while it stops, passes its own.
 */
@FunctionalInterface
public interface ProcessLauncher {

  /** Starts it, as {@link OwnedProcess#start} does. */
  OwnedProcess launch(ProcessSpec spec);
}
