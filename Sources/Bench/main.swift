print("waystation-bench")
