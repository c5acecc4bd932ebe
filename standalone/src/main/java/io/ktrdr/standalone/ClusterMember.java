package io.ktrdr.standalone;

import java.util.List;

/**
 * A node's place in a cluster on this machine.
 *
 * @param name its own, such as {@code a}
 * @param names of all, its own included; whichever of them start find each other
 * @param epmdPort of the one Erlang port mapper they share
 * @param secret they share: the Erlang cookie, and the password of the administrator
 */
public record ClusterMember(String name, List<String> names, int epmdPort, String secret) {

  /** Copies the names. */
  public ClusterMember {
    names = List.copyOf(names);
  }

  /** Its name as the broker has it. */
  public String node() {
    return nodeOf(name);
  }

  static String nodeOf(String name) {
    return name + "@localhost";
  }
}
