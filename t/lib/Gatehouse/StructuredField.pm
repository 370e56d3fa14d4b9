package Gatehouse::StructuredField;

# Lists of structured fields, parsed as RFC 9651 §4.2 says: what does not follow it dies.

use v5.36;
use Exporter 'import';

our @EXPORT_OK = qw(parse_list);

# A list of {value, type, parameters => {name => {value, type}}, order => [names]}. Inner lists are not
# read: no field of ours has them.
sub parse_list ($text) {
    my @members;
    $text =~ s/^ +//;
    while ($text ne '') {
        push @members, item(\$text);
        $text =~ s/^[ \t]+//;
        last if $text eq '';
        $text =~ s/^,// or die "no comma: $text\n";
        $text =~ s/^[ \t]+//;
        die "a comma at the end\n" if $text eq '';
    }
    return @members;
}

sub item ($text) {
    my $item = bare_item($text);
    while ($$text =~ s/^; *//) {
        my $name = key($text);
        my $value = $$text =~ s/^=// ? bare_item($text) : {type => 'boolean', value => 1};
        push @{$item->{order}}, $name;
        $item->{parameters}{$name} = $value;
    }
    return $item;
}

sub key ($text) {
    $$text =~ s/^([a-z*][a-z0-9_.*-]*)// or die "no key: $$text\n";
    return $1;
}

sub bare_item ($text) {
    return number($text, $1) if $$text =~ s/^(-?[0-9][0-9.]*)//;
    return {type => 'string', value => $1 =~ s/\\(["\\])/$1/gr} if $$text =~ s/^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"//;
    return {type => 'token', value => $1} if $$text =~ s/^([A-Za-z*][!#\$%&'*+.^_`|~0-9A-Za-z:\/-]*)//;
    return {type => 'bytes', value => $1} if $$text =~ m{^:} && $$text =~ s{^:([A-Za-z0-9+/=]*):}{};
    return {type => 'boolean', value => $1} if $$text =~ s/^\?([01])//;
    die "no item: $$text\n";
}

sub number ($text, $digits) {
    return {type => 'integer', value => $digits} if $digits =~ /^-?[0-9]{1,15}$/;
    return {type => 'decimal', value => $digits} if $digits =~ /^-?[0-9]{1,12}\.[0-9]{1,3}$/;
    die "no number: $digits$$text\n";
}

1;
