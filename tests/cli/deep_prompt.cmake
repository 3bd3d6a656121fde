# A prompt timed behind a filled cache looks back at all of it. Llama 3.1 8B, 512 tokens: products take 2 x 7.5e9 x 512 = 7.7e12 operations;
# attention over 32,768 tokens takes 4 x 32 heads x 128 x 32 layers x 512 x 32,768 = 8.8e12 on arithmetic no faster: less than half the rate.
execute_process(COMMAND ${PROGRAM} validate ${FILE} --format json OUTPUT_VARIABLE out RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "exit code ${code}")
endif()
string(JSON shallow GET "${out}" runs 0 prefill ceiling)
string(JSON deep GET "${out}" runs 1 prefill ceiling)
string(REGEX REPLACE "\\..*" "" shallow "${shallow}")
string(REGEX REPLACE "\\..*" "" deep "${deep}")
math(EXPR doubled "2 * ${deep}")
if(deep LESS 1 OR NOT doubled LESS shallow)
  message(FATAL_ERROR "ceilings ${shallow} at depth 0 and ${deep} at 32,768")
endif()
