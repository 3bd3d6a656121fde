add_library(roofline_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(roofline_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers)
  # g++ 12 sees an overlap in `"text" + std::string` that is not there (its bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(roofline_warnings INTERFACE -Wno-restrict)
  endif()
endif()
