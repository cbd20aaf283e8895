// What the module says of itself, so that its loader can tell a stranger.
#include <emscripten/bind.h>

#include <cstdint>

namespace {

constexpr bool kRelaxedSimd =
#if defined(__wasm_relaxed_simd__)
    true;
#else
    false;
#endif

EMSCRIPTEN_BINDINGS(module) {
  // Where the text is, in ASCII up to a zero.
  emscripten::constant("version", reinterpret_cast<std::uintptr_t>(CONVGRAD_VERSION));
  emscripten::constant("relaxedSimd", kRelaxedSimd);
}

}  // namespace
