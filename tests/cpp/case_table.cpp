#include "case_table.h"

#include <doctest/doctest.h>

#include <sstream>

namespace convgrad::test {

std::string numbered(std::string name, std::int32_t number) {
  name += ' ';
  name += std::to_string(number);
  return name;
}

std::string to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kAuto:
      return "auto";
    case Algorithm::kDirect:
      return "direct";
    case Algorithm::kIm2col:
      return "im2col";
    case Algorithm::kReference:
      return "reference";
    case Algorithm::kWinograd:
      return "winograd";
    case Algorithm::kWinograd4:
      return "winograd4";
  }
  return "?";
}

std::string to_string(const Conv2dParams& p) {
  std::ostringstream out;
  out << "x " << p.n << 'x' << p.c << 'x' << p.h << 'x' << p.w << ", " << p.k << " filters " << p.r
      << 'x' << p.s << ", stride " << p.stride_h << 'x' << p.stride_w << ", padding " << p.pad_top
      << ' ' << p.pad_left << ' ' << p.pad_bottom << ' ' << p.pad_right << ", dilation "
      << p.dilation_h << 'x' << p.dilation_w << ", groups " << p.groups;
  return out.str();
}

std::string to_string(const Pool2dParams& p) {
  std::ostringstream out;
  out << "x " << p.n << 'x' << p.c << 'x' << p.h << 'x' << p.w << ", window " << p.kernel_h << 'x'
      << p.kernel_w << ", stride " << p.stride_h << 'x' << p.stride_w << ", padding " << p.pad_top
      << ' ' << p.pad_left << ' ' << p.pad_bottom << ' ' << p.pad_right << ", dilation "
      << p.dilation_h << 'x' << p.dilation_w << (p.ceil_mode ? ", ceil" : "")
      << (p.count_include_pad ? ", padding counts" : "");
  return out.str();
}

Conv2dShape shape_of(const Conv2dParams& params) {
  Conv2dShape shape;
  REQUIRE_MESSAGE(Conv2dShape::make(params, &shape) == Status::kOk, to_string(params));
  return shape;
}

Pool2dShape shape_of(const Pool2dParams& params) {
  Pool2dShape shape;
  REQUIRE_MESSAGE(Pool2dShape::make(params, &shape) == Status::kOk, to_string(params));
  return shape;
}

}  // namespace convgrad::test
