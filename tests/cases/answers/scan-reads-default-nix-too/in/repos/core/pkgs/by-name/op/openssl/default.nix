{ perl }:
perl
