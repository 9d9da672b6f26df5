typedef int empty_native;
