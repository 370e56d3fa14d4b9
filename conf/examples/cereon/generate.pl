#!/usr/bin/perl
# Writes the orders of a shop, the same for the same seed.
# Usage: generate.pl [--days N] [--seed N] DIRECTORY
#
#   orders.csv   one row per order: when, where, what, how many, for how much

use strict;
use warnings;

use Getopt::Long;

my ($days, $seed) = (365, 42);
GetOptions('days=i' => \$days, 'seed=i' => \$seed) && @ARGV == 1 && $days > 0
    or die "usage: generate.pl [--days N] [--seed N] DIRECTORY\n";
my $directory = shift @ARGV;

srand $seed;

my %price = (lamp => 39.9, chair => 89, table => 249, shelf => 129.5);
my @products = sort keys %price;
my @regions = qw(north east south west);
my @month_days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

# The day after 2025-01-01 by so many; every year has 365.
sub date {
    my ($day) = @_;
    my ($year, $month) = (2025 + int($day / 365), 0);
    $day %= 365;
    $day -= $month_days[$month++] while $day >= $month_days[$month];
    return sprintf '%04d-%02d-%02d', $year, $month + 1, $day + 1;
}

open my $file, '>', "$directory/orders.csv.new" or die "$directory/orders.csv.new: $!\n";
print {$file} "id,date,region,product,quantity,revenue\n";
my $id = 0;
for my $day (0 .. $days - 1) {
    for (1 .. 20 + int(10 * sin($day / 58)) + int rand 10) {
        my $product = $products[rand @products];
        my $quantity = 1 + int rand 4;
        printf {$file} "%d,%s,%s,%s,%d,%.2f\n", ++$id, date($day), $regions[rand @regions], $product,
            $quantity, $quantity * $price{$product};
    }
}
close $file or die "$directory/orders.csv.new: $!\n";
rename "$directory/orders.csv.new", "$directory/orders.csv" or die "$directory/orders.csv: $!\n";
