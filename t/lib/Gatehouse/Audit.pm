package Gatehouse::Audit;

# The audit log as a test reads it, with its chain checked by other code than the product's.
#
#     my @lines = audit_lines($t);                  # decoded; dies where a line is no JSON
#     wait_for_audit($t, sub (@lines) { … });       # returns the lines
#     is chain_flaw($key, @raw_lines), undef;       # number of the first line that does not fit

use v5.36;
use Digest::SHA qw(hmac_sha256_hex);
use Exporter 'import';
use JSON::PP ();
use Gatehouse::Wait qw(wait_for);

our @EXPORT_OK = qw(audit_config audit_raw audit_lines decisions wait_for_audit chain_flaw audit_key);

# The section of the sidecar's configuration, all of it in the test's directory.
sub audit_config (%more) {
    return {file => '%%DIR%%/audit.log', key_file => '%%DIR%%/audit.key', state => '%%DIR%%/audit.state', %more};
}

sub audit_key ($t) { return (Gatehouse::read_file($t->dir('audit.key')) // '') =~ s/\n\z//r }

sub audit_raw ($t, $name = 'audit.log') { return split /\n/, Gatehouse::read_file($t->dir($name)) // '' }

sub audit_lines ($t, @names) {
    my $json = JSON::PP->new->utf8;
    return map { $json->decode($_) } map { audit_raw($t, $_) } @names ? @names : 'audit.log';
}

sub decisions (@lines) { return grep { !exists $_->{event} } @lines }

sub wait_for_audit ($t, $condition, $timeout = 20) {
    my @lines;
    wait_for(sub { @lines = eval { audit_lines($t) }; !$@ && $condition->(@lines) }, $timeout, 'the audit log');
    return @lines;
}

# The first line tells itself what it hangs on.
sub chain_flaw ($key, @lines) {
    my ($before) = ($lines[0] // '') =~ /"previous":"([0-9a-f]{64})"/ or return 1;
    for my $i (0 .. $#lines) {
        my ($body, $hmac) = $lines[$i] =~ /^(.*),"hmac":"([0-9a-f]{64})"\}$/s or return $i + 1;
        return $i + 1 if hmac_sha256_hex($before . $body, $key) ne $hmac;
        $before = $hmac;
    }
    return;
}

1;
