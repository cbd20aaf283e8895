// Without run-time type information Embind names a type that it does not know by its number, which
// it prints by sprintf: the only printing in the module. The linker brings that call here (--wrap),
// which spares the module 2 kB of printf.
#include <cstdarg>
#include <cstdint>

extern "C" {

// sprintf(out, "%p", pointer), under the name it has where nothing printed is a float.
// NOLINTNEXTLINE(bugprone-reserved-identifier, cert-dcl50-cpp)
int __wrap_siprintf(char* out, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  auto number = reinterpret_cast<std::uintptr_t>(va_arg(arguments, const void*));
  va_end(arguments);
  constexpr int kDigits = 2 * sizeof(number);
  for (int i = kDigits; i-- > 0; number /= 16) out[i] = "0123456789abcdef"[number % 16];
  out[kDigits] = '\0';
  return kDigits;
}

}  // extern "C"
