package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MembershipTest {

  @Test
  void aTriangleRisesToItsPeakAndFalls() {
    Membership triangle = new Membership.Triangular(0, 10, 30);

    assertThat(triangle.degree(-1)).isZero();
    assertThat(triangle.degree(0)).isZero();
    assertThat(triangle.degree(5)).isEqualTo(0.5);
    assertThat(triangle.degree(10)).isEqualTo(1);
    assertThat(triangle.degree(25)).isEqualTo(0.25);
    assertThat(triangle.degree(30)).isZero();
  }

  @Test
  void shouldersCountInFull() {
    assertThat(new Membership.Triangular(0, 10, 10).degree(10)).isEqualTo(1);
    assertThat(new Membership.Triangular(0, 0, 10).degree(0)).isEqualTo(1);
    assertThat(new Membership.Trapezoidal(0, 0, 10, 20).degree(0)).isEqualTo(1);
    assertThat(new Membership.Trapezoidal(0, 10, 20, 20).degree(20)).isEqualTo(1);
    assertThat(new Membership.Trapezoidal(0, 10, 20, 20).degree(20.001)).isZero();
  }

  @Test
  void aTrapezoidHasAPlateau() {
    Membership trapezoid = new Membership.Trapezoidal(0, 10, 20, 40);

    assertThat(trapezoid.degree(2.5)).isEqualTo(0.25);
    assertThat(trapezoid.degree(10)).isEqualTo(1);
    assertThat(trapezoid.degree(15)).isEqualTo(1);
    assertThat(trapezoid.degree(20)).isEqualTo(1);
    assertThat(trapezoid.degree(30)).isEqualTo(0.5);
  }

  @Test
  void aGaussianIsABell() {
    Membership bell = new Membership.Gaussian(5, 2);

    assertThat(bell.degree(5)).isEqualTo(1);
    assertThat(bell.degree(7)).isEqualTo(Math.exp(-0.5), within(1e-15));
    assertThat(bell.degree(3)).isEqualTo(bell.degree(7));
  }

  @Test
  void staysBetweenZeroAndOneAndKeepsNaN() {
    Random random = new Random(3);
    for (int round = 0; round < 2_000; round++) {
      double[] p = random.doubles(4, -5, 5).sorted().toArray();
      for (Membership membership :
          List.of(
              new Membership.Triangular(p[0], p[1], p[2]),
              new Membership.Trapezoidal(p[0], p[1], p[2], p[3]),
              new Membership.Gaussian(p[0], 0.1 + Math.abs(p[1])))) {
        assertThat(membership.degree(random.nextDouble(-10, 10))).isBetween(0.0, 1.0);
        assertThat(membership.degree(Double.POSITIVE_INFINITY)).isZero();
        assertThat(membership.degree(Double.NaN)).isNaN();
      }
    }
  }
}
