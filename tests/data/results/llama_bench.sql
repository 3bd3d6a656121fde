CREATE TABLE IF NOT EXISTS llama_bench (
  build_commit TEXT,
  build_number INTEGER,
  gpu_info TEXT
);

INSERT INTO llama_bench (build_commit, build_number, cpu_info, gpu_info, backends, model_filename, model_type, n_threads, type_k, type_v, n_gpu_layers, n_prompt, n_gen, n_depth, test_time, avg_ns, avg_ts) VALUES ('8cf427ff', '5163', 'it''s a CPU; (8 cores)', 'NVIDIA GeForce RTX 4080', 'CUDA', 'models/Qwen2.5-7B-Instruct-Q4_K_M.gguf', 'qwen2 7B Q4_K - Medium', '8', 'f16', 'f16', '-1', '0', '128', '0', '2025-04-24T11:57:10Z', '1067431600', '119.915244');
