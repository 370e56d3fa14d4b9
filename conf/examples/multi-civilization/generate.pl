#!/usr/bin/perl
# Writes the data of a simulated world of civilizations: three CSV files, the same for the same seed.
# Usage: generate.pl [--rows N] [--seed N] DIRECTORY
#
#   multi_civilization_statistics.csv   one row per time step
#   multi_civilization_events.csv       what happened: foundings, discoveries, wars, dark ages, …
#   multi_civilization_stability.csv    checks of the simulation that failed
#
# The shape of the curves does not depend on N: one run is always one history, in N steps.

use strict;
use warnings;

use Getopt::Long;

my ($rows, $seed) = (10_000, 42);
GetOptions('rows=i' => \$rows, 'seed=i' => \$seed) && @ARGV == 1 && $rows > 0
    or die "usage: generate.pl [--rows N] [--seed N] DIRECTORY\n";
my $directory = shift @ARGV;

srand $seed;

my @names = qw(Aurelia Borealis Cindara Dromund Esk Feyra Galatea Hesper Ithil Jorvik Kesh Lumen
    Mirador Nadir Oren Pelagos Quill Ravel Sable Tessera Umbra Vesper Wyrd Xanthe Yarrow Zephyr);

# Kinds of events: how they move the means of knowledge, suppression and truth (as factors).
my %minor = (
    founding  => [1.002, 0.998, 1.001, '%s founds a city, far from the old ones'],
    discovery => [1.010, 0.996, 1.004, '%s shares a discovery: "it moves, after all"'],
    war       => [0.993, 1.012, 0.995, '%s goes to war over a border, a river and a word'],
    merger    => [1.003, 0.999, 1.000, '%s absorbs a neighbour, its archives included'],
    collapse  => [0.991, 1.006, 0.997, '%s collapses; its schools close'],
);
my %major = (
    dark_age    => [0.78, 1.65, 0.82, '%s burns its libraries, and others follow'],
    renaissance => [1.09, 0.72, 1.12, '%s reads again what was forbidden, copies it, and teaches it'],
);
my @major_times = map { int($rows * $_) } (0.19, 0.31, 0.47, 0.58, 0.76, 0.88);
my @major_kinds = qw(dark_age renaissance dark_age renaissance dark_age renaissance);
my $minor_chance = $rows > 1600 ? 120 / $rows : 0.075;

my %handles;
sub start_file {
    my ($name, @columns) = @_;
    my $path = "$directory/multi_civilization_$name.csv";
    open my $handle, '>', "$path.partial" or die "$path.partial: $!\n";
    $handles{$path} = $handle;
    print {$handle} join(',', @columns), "\n";
    return $handle;
}

sub quoted { my ($text) = @_; $text =~ s/"/""/g; return qq("$text") }

# A draw from an approximately normal distribution: mean 0, deviation 1.
sub noise { return (rand() + rand() + rand() + rand() - 2) * 1.7320508 }

mkdir $directory;
my $statistics = start_file('statistics', qw(Time Civilization_Count
    knowledge_mean knowledge_min knowledge_max suppression_mean suppression_min suppression_max
    intelligence_mean truth_mean Stability_Issues));
my $events = start_file('events', qw(Time Event_Type Civilization Severity Description));
my $stability = start_file('stability', qw(Time Civilization Issue Value Limit_Value Resolved));

my %world = (knowledge => 4.0, suppression => 38.0, intelligence => 22.0, truth => 12.0, count => 3);
my %drift = map { $_ => 0 } keys %world;
my $step = 1 / $rows;
my $jitter = sqrt(2 * 60 * $step);

sub happen {
    my ($time, $kind, $effect) = @_;
    my $who = $names[rand @names];
    $world{knowledge} *= $effect->[0];
    $world{suppression} *= $effect->[1];
    $world{truth} *= $effect->[2];
    $world{count}++ if $kind eq 'founding' && $world{count} < 24;
    $world{count}-- if $kind =~ /collapse|merger/ && $world{count} > 2;
    my $severity = abs(log $effect->[0]) * 30 * (0.8 + 0.4 * rand);
    printf {$events} "%d,%s,%s,%.3f,%s\n", $time, $kind, $who, $severity,
        quoted(sprintf $effect->[3], $who);
}

sub check {
    my ($time, $what, $value, $limit) = @_;
    printf {$stability} "%d,%s,%s,%.4f,%.4f,%s\n", $time, $names[rand @names], $what, $value, $limit,
        rand() < 0.85 ? 'true' : 'false';
    return 1;
}

for my $time (0 .. $rows - 1) {
    $world{knowledge} += $step * 9 * $world{knowledge} * (1 - $world{knowledge} / 100)
        * (1.25 - $world{suppression} / 60);
    $world{suppression} += $step * 6 * (34 - 0.24 * $world{knowledge} - $world{suppression});
    $world{intelligence} += $step * 3 * (0.9 * $world{knowledge} + 14 - $world{intelligence});
    $world{truth} += $step * 4 * (1.02 * $world{knowledge} - 0.25 * $world{suppression} + 10 - $world{truth});

    while (@major_times && $major_times[0] <= $time) {
        shift @major_times;
        my $kind = shift @major_kinds;
        happen($time, $kind, $major{$kind});
    }
    if (rand() < $minor_chance) {
        my $kind = (qw(founding founding founding discovery discovery war merger collapse))[rand 8];
        happen($time, $kind, $minor{$kind});
    }

    # Each mean swings around its course; the noise has the same strength whatever the step is.
    for my $name (qw(knowledge suppression intelligence truth)) {
        $drift{$name} += -60 * $step * $drift{$name} + $jitter * noise();
    }
    my %mean = map { $_ => $world{$_} * (1 + 0.013 * $drift{$_}) } qw(knowledge suppression intelligence truth);
    my $spread = 0.10 + 0.007 * $world{count} + 0.002 * $drift{truth};

    my $issues = 0;
    $issues += check($time, 'suppression_jump', $mean{suppression}, 42) if $mean{suppression} > 42 && rand() < 0.012;
    $issues += check($time, 'knowledge_drift', $drift{knowledge}, 2.6) if abs $drift{knowledge} > 2.1 && rand() < 0.15;
    $issues += check($time, 'truth_out_of_range', $mean{truth}, 0) if $mean{truth} < 0;

    printf {$statistics} "%d,%d,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%d\n", $time, $world{count},
        $mean{knowledge}, $mean{knowledge} * (1 - $spread), $mean{knowledge} * (1 + 1.3 * $spread),
        $mean{suppression}, $mean{suppression} * (1 - $spread), $mean{suppression} * (1 + $spread),
        $mean{intelligence}, $mean{truth}, $issues;
}

# Renamed when complete: whoever watches a file never reads half of it.
for my $path (sort keys %handles) {
    close $handles{$path} or die "$path: $!\n";
    rename "$path.partial", $path or die "$path: $!\n";
}
