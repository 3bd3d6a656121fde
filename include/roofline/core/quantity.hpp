// Physical quantities with compile-time dimensions: the vocabulary every other header speaks.
//
// A value is one double in base units (byte, operation, token, joule, second). It enters only by naming a unit
// (`102.4 * unit::GB / unit::s`) and leaves only by naming one (`t.in(unit::ms)`), so GB/s can not be passed where
// op/s is due, and GB (1e9 B) can not be mistaken for GiB (2^30 B). A double holds integers exactly to 2^53 bytes.
// One multiply-add counts as two operations.
#pragma once

#include <compare>

namespace roofline {

struct Dimension {
  int byte = 0;
  int op = 0;
  int token = 0;
  int joule = 0;
  int second = 0;

  friend constexpr bool operator==(const Dimension&, const Dimension&) = default;
  friend constexpr Dimension operator+(Dimension a, Dimension b) {
    return {a.byte + b.byte, a.op + b.op, a.token + b.token, a.joule + b.joule, a.second + b.second};
  }
  friend constexpr Dimension operator-(Dimension a, Dimension b) {
    return {a.byte - b.byte, a.op - b.op, a.token - b.token, a.joule - b.joule, a.second - b.second};
  }
};

template <Dimension D>
class Quantity {
 public:
  constexpr Quantity() = default;
  // Base units; use the unit:: constants instead wherever a unit has a name.
  static constexpr Quantity from_base(double value) {
    Quantity q;
    q.base_ = value;
    return q;
  }
  [[nodiscard]] constexpr double in(Quantity unit) const { return base_ / unit.base_; }
  [[nodiscard]] constexpr double base() const { return base_; }

  constexpr Quantity& operator+=(Quantity other) {
    base_ += other.base_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    base_ -= other.base_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return from_base(a.base_ + b.base_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return from_base(a.base_ - b.base_); }
  friend constexpr Quantity operator*(double k, Quantity q) { return from_base(k * q.base_); }
  friend constexpr Quantity operator*(Quantity q, double k) { return from_base(k * q.base_); }
  friend constexpr Quantity operator/(Quantity q, double k) { return from_base(q.base_ / k); }
  friend constexpr auto operator<=>(Quantity a, Quantity b) { return a.base_ <=> b.base_; }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.base_ == b.base_; }

 private:
  double base_ = 0.0;
};

template <Dimension A, Dimension B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return Quantity<A + B>::from_base(a.base() * b.base());
}
// Equal dimensions divide to a plain number.
template <Dimension A, Dimension B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  if constexpr (A == B) {
    return a.base() / b.base();
  } else {
    return Quantity<A - B>::from_base(a.base() / b.base());
  }
}
template <Dimension D>
constexpr auto operator/(double k, Quantity<D> q) {
  return Quantity<Dimension{} - D>::from_base(k / q.base());
}

using Bytes = Quantity<Dimension{.byte = 1}>;
using Ops = Quantity<Dimension{.op = 1}>;
using Tokens = Quantity<Dimension{.token = 1}>;
using Joules = Quantity<Dimension{.joule = 1}>;
using Seconds = Quantity<Dimension{.second = 1}>;
using Hertz = Quantity<Dimension{.second = -1}>;
using BytesPerSecond = Quantity<Dimension{.byte = 1, .second = -1}>;
using OpsPerSecond = Quantity<Dimension{.op = 1, .second = -1}>;
using OpsPerByte = Quantity<Dimension{.byte = -1, .op = 1}>;
using TokensPerSecond = Quantity<Dimension{.token = 1, .second = -1}>;
using Watts = Quantity<Dimension{.joule = 1, .second = -1}>;
using JoulesPerToken = Quantity<Dimension{.token = -1, .joule = 1}>;
using BytesPerToken = Quantity<Dimension{.byte = 1, .token = -1}>;

namespace unit {
inline constexpr Bytes B = Bytes::from_base(1.0);
inline constexpr Bytes kB = 1e3 * B, MB = 1e6 * B, GB = 1e9 * B, TB = 1e12 * B;
inline constexpr Bytes KiB = 1024.0 * B, MiB = 1024.0 * KiB, GiB = 1024.0 * MiB, TiB = 1024.0 * GiB;
inline constexpr Ops op = Ops::from_base(1.0);
inline constexpr Ops Gop = 1e9 * op, Top = 1e12 * op;
inline constexpr Tokens token = Tokens::from_base(1.0);
inline constexpr Joules J = Joules::from_base(1.0);
inline constexpr Seconds s = Seconds::from_base(1.0);
inline constexpr Seconds ms = 1e-3 * s, us = 1e-6 * s, ns = 1e-9 * s;
inline constexpr Hertz Hz = Hertz::from_base(1.0);
inline constexpr Hertz kHz = 1e3 * Hz, MHz = 1e6 * Hz, GHz = 1e9 * Hz;
inline constexpr Watts W = J / s;
}  // namespace unit

// A quantity whose dimension is known at run time only: what explanations and reports carry.
struct AnyQuantity {
  double base = 0.0;
  Dimension dimension{};

  constexpr AnyQuantity() = default;
  constexpr AnyQuantity(double number) : base(number) {}  // NOLINT(google-explicit-constructor): a pure number
  template <Dimension D>
  constexpr AnyQuantity(Quantity<D> q) : base(q.base()), dimension(D) {}  // NOLINT(google-explicit-constructor)
};

}  // namespace roofline
