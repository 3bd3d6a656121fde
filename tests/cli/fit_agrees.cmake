# `fit` gives the main answer's memory, word for word.
foreach(question "--hw;rk3588;--model;qwen2.5-7b" "--hw;rtx-4090;--model;llama-3.1-70b" "--hw;orin-nx;--model;qwen2.5-7b;--batch;4;--kv-type;q8_0"
                 "--hw;thor;--model;qwen2.5-32b;--quant;bf16" "--hw;rtx-4060;--model;qwen2.5-7b;--context;32768")
  execute_process(COMMAND ${PROGRAM} ${question} --format json OUTPUT_VARIABLE main RESULT_VARIABLE main_code)
  execute_process(COMMAND ${PROGRAM} fit ${question} --format json OUTPUT_VARIABLE fit RESULT_VARIABLE fit_code)
  if(NOT main_code EQUAL 0 OR NOT fit_code EQUAL 0)
    message(FATAL_ERROR "${question}: exit codes ${main_code} and ${fit_code}")
  endif()
  string(JSON of_main GET "${main}" memory)
  string(JSON of_fit GET "${fit}" memory)
  if(NOT of_main STREQUAL of_fit)
    message(FATAL_ERROR "${question}:\n${of_main}\nagainst\n${of_fit}")
  endif()
endforeach()
