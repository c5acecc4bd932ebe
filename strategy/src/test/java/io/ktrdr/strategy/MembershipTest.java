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

  /** Slopes, shoulders and plateaus, at their corners, next to them and anywhere. */
  @Test
  void manyDegreesAreThoseOfEachValue() {
    Random random = new Random(4);
    for (int round = 0; round < 500; round++) {
      double[] p = random.ints(4, -3, 4).mapToDouble(i -> i / 3.0).sorted().toArray();
      double[] x = new double[64];
      for (int i = 0; i < x.length; i++) {
        x[i] =
            switch (i % 4) {
              case 0 -> p[i / 4 % 4];
              case 1 -> Math.nextUp(p[i / 4 % 4]);
              case 2 -> Math.nextDown(p[i / 4 % 4]);
              default -> 4 * random.nextDouble() - 2;
            };
      }
      x[3] = Double.NaN;
      x[7] = Double.POSITIVE_INFINITY;
      x[11] = Double.NEGATIVE_INFINITY;
      List<Membership> all =
          p[0] == p[3] || p[0] == p[2]
              ? List.of(new Membership.Gaussian(p[0], 1))
              : List.of(
                  new Membership.Triangular(p[0], p[1], p[2]),
                  new Membership.Trapezoidal(p[0], p[1], p[2], p[3]));
      for (Membership membership : all) {
        float[] degrees = new float[x.length];
        membership.degrees(x, x.length, degrees);
        for (int i = 0; i < x.length; i++) {
          assertThat(Float.floatToIntBits(degrees[i]))
              .as("%s of %s", membership, x[i])
              .isEqualTo(Float.floatToIntBits((float) membership.degree(x[i])));
        }
      }
    }
  }
}
