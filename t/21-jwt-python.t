#!/usr/bin/perl
# JSON Web Tokens against the Python package jwcrypto: its keys and signatures, its verdicts.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
my $verify = "$t->{build}/gatehouse_jwt_verify";
plan skip_all => "needs $verify, which scripts/build.sh --tests builds" if !-x $verify;
plan skip_all => 'needs python3-jwcrypto' if !-e '/usr/lib/python3/dist-packages/jwcrypto/__init__.py';

# Debian's package belongs to its own python3, whatever else is first in PATH.
# Fourteen kinds of keys at a second each, on a machine of its own.
my ($status, $out, $err) =
    $t->run_program(['/usr/bin/python3', "$FindBin::Bin/lib/compare_with_jwcrypto.py", $verify], timeout => 300);
is($status, 0, 'every algorithm: as python3-jwcrypto, but for the differences that are listed')
    or diag $out, $err;
note $out;
$t->done;
