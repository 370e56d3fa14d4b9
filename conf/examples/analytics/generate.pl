#!/usr/bin/perl
# Writes the tables of three domains, the same for the same seed.
# Usage: generate.pl [--rows N] [--seed N] DIRECTORY
#
#   equipment.csv               one row per machine: what, where, since when, how it is
#   bases.csv                   one row per base: where, what for, how large
#   healthcare/year=Y/*.csv     one row per stay in hospital, by year of admission and by month

use strict;
use warnings;

use File::Path qw(make_path);
use Getopt::Long;
use POSIX qw(strftime);

my ($rows, $seed) = (50_000, 42);
GetOptions('rows=i' => \$rows, 'seed=i' => \$seed) && @ARGV == 1 && $rows > 0
    or die "usage: generate.pl [--rows N] [--seed N] DIRECTORY\n";
my $directory = shift @ARGV;

srand $seed;
make_path($directory);

# Whoever reads a file while it is written gets the old one.
sub write_csv {
    my ($name, $header, @lines) = @_;
    my $path = "$directory/$name";
    open my $file, '>', "$path.new" or die "$path.new: $!\n";
    print {$file} map { "$_\n" } $header, @lines;
    close $file or die "$path.new: $!\n";
    rename "$path.new", $path or die "$path: $!\n";
    return;
}

sub one_of { return $_[rand @_] }

# About normally distributed.
sub around {
    my ($mean, $deviation) = @_;
    my $sum = 0;
    $sum += rand for 1 .. 12;
    return $mean + $deviation * ($sum - 6);
}

sub date { return strftime('%Y-%m-%d', gmtime($_[0] * 86_400)) }

my $first_day = 18_262;  # 2020-01-01

my %hours_a_year = (pump => 6500, turbine => 5200, conveyor => 4100, robot => 3600, press => 2800);
my @types = sort keys %hours_a_year;
my @machines;
for my $id (1 .. int($rows / 5) || 1) {
    my $type = one_of(@types);
    my $age = int rand 2190;
    my $hours = $age / 365 * $hours_a_year{$type} * around(1, 0.1);
    my $vibration = abs(around(2 + $hours / 15_000, 0.6));
    my $status = rand() < ($vibration - 2) / 20 ? 'failed' : rand() < 0.06 ? 'maintenance' : 'running';
    push @machines, sprintf '%d,%s,%s,%s,%.1f,%.2f,%.2f,%s,%.2f', $id, $type, one_of(qw(north south east west)),
        date($first_day + 2190 - $age), $hours, around(61, 7), $vibration, $status, $hours * around(0.8, 0.1);
}
write_csv('equipment.csv', 'id,type,site,installed,hours,temperature,vibration,status,cost', @machines);

my %region = (Africa => [5, 20], Americas => [15, -85], Asia => [30, 95], Europe => [50, 15], Oceania => [-25, 140]);
my @bases;
for my $id (1 .. int($rows / 25) || 1) {
    my $name = one_of(sort keys %region);
    my ($latitude, $longitude) = @{$region{$name}};
    push @bases, sprintf '%d,Base %d,%s,%s,%s,%d,%d,%.2f,%.4f,%.4f', $id, $id, $name, one_of(qw(air land naval)),
        rand() < 0.85 ? 'active' : 'closed', 1940 + int rand 80, 50 + int(rand() ** 3 * 20_000),
        1 + rand() ** 2 * 400, around($latitude, 6), around($longitude, 10);
}
write_csv('bases.csv', 'id,name,region,branch,state,opened,personnel,area_km2,latitude,longitude', @bases);

my %bill = (Arthritis => 9_000, Asthma => 7_000, Cancer => 41_000, Diabetes => 14_000, Hypertension => 11_000);
my %stays;
for my $id (1 .. $rows) {
    my $condition = one_of(sort keys %bill);
    my $admitted = $first_day + int rand 1826;
    my $days = 1 + int(abs around(0, $condition eq 'Cancer' ? 12 : 6));
    # Some bills are not written yet.
    my $billing = rand() < 0.02 ? '' : sprintf '%.2f', abs around($bill{$condition}, $bill{$condition} / 4);
    push @{$stays{substr date($admitted), 0, 7}}, join ',', $id, int(abs around(52, 18)), one_of(qw(female male)),
        one_of('A+', 'A-', 'AB+', 'B+', 'O+', 'O-'), $condition, date($admitted), date($admitted + $days),
        one_of(qw(Elective Emergency Urgent)), $billing, one_of(qw(Abnormal Inconclusive Normal));
}
for my $month (sort keys %stays) {
    my $year = substr $month, 0, 4;
    make_path("$directory/healthcare/year=$year");
    write_csv("healthcare/year=$year/$month.csv",
        'id,age,gender,blood_type,condition,admitted,discharged,admission,billing,test_result', @{$stays{$month}});
}
