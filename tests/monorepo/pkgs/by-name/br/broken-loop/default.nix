{ broken-loop }:
broken-loop
