#!/usr/bin/perl
# The JSON Schema: ajv (2020-12) and gatehoused give the same verdict on every file of t/config.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(basename);
use JSON::PP ();
use Test::More;
use Gatehouse;

my $root = Gatehouse::root();
my $modules = $ENV{GATEHOUSE_NODE_MODULES} // "$root/build/third_party/node_modules";
my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused' if !$t->built('sidecar');
plan skip_all => "needs node and ajv in $modules" if !-d "$modules/ajv" || system('node -e 0 2>/dev/null') != 0;

my $gatehoused = $t->build . '/gatehoused';
my @good = glob("$root/t/config/good/*.json $root/conf/gatehouse.json $root/conf/gatehouse.minimal.json");
my @bad = glob("$root/t/config/bad/*.json");
my %ajv = %{ask_ajv(@good, @bad, dumps(@good))};

# Variables stand for what only gatehoused knows, so ajv sees them as strings where a number is wanted.
my %with_variables = map { $_ => 1 } qw(good/variables.json);

for my $file (@good) {
    my $name = name($file);
    is($ajv{$file}, 'valid', "ajv accepts $name") if !$with_variables{$name};
    is($ajv{dump_of($file)}, 'valid', "ajv accepts what -T prints for $name");
}
for my $file (@bad) {
    my $name = name($file);
    my ($exit) = $t->run_program([$gatehoused, '-t', '-c', $file]);
    is($exit, 3, "gatehoused refuses $name");
    # The first word of a file's name says which stage refuses it.
    my ($stage) = basename($file) =~ /^(\w+?)-/;
    my %expected = (schema => 'invalid', check => 'valid');
    is($ajv{$file}, $expected{$stage}, "ajv: $name is $expected{$stage}") if $expected{$stage};
}
$t->done;

sub name ($file) { return $file =~ m{([^/]+/[^/]+)$} ? $1 : $file }

sub dump_of ($file) { return $t->dir('dump-' . name($file) =~ s{/}{-}r) }

sub dumps (@files) {
    for my $file (@files) {
        my (undef, $dump) = $t->run_program([$gatehoused, '-T', '-c', $file]);
        $t->write_file(basename(dump_of($file)), $dump);
    }
    return map { dump_of($_) } @files;
}

sub ask_ajv (@files) {
    local $ENV{NODE_PATH} = $modules;
    my ($exit, $out, $err) = $t->run_program(
        ['node', "$root/t/tools/validate-config.js", "$root/conf/gatehouse.schema.json", @files]);
    is($exit, 0, 'ajv compiles the schema') or diag $err;
    return JSON::PP::decode_json($out || '{}');
}
