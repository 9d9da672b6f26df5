typedef int empty_topology;
