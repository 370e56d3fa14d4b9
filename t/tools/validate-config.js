// validate-config.js SCHEMA FILE…: what ajv says of each file, as one JSON object: "valid", "invalid" or "no JSON".
'use strict';

const fs = require('fs');
const Ajv = require('ajv/dist/2020');

const [schemaFile, ...files] = process.argv.slice(2);

// A string, or a comment, or a comma that only space and comments part from a closing bracket.
const tokens = /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*[}\]])/g;

function read(file) {
    const text = fs.readFileSync(file, 'utf8');
    return JSON.parse(text.replace(tokens, (token, string) => string ?? ' '));
}

// Strict about the schema itself, so that a mistyped keyword in it is an error; our annotations are declared.
const ajv = new Ajv({strict: true, strictRequired: false, allErrors: true, validateFormats: false});
for (const keyword of ['x-expected', 'x-noun', 'x-secret', 'x-unused']) {
    ajv.addKeyword(keyword);
}
const validate = ajv.compile(JSON.parse(fs.readFileSync(schemaFile, 'utf8')));

function verdict(file) {
    let document;
    try {
        document = read(file);
    } catch {
        return 'no JSON';
    }
    return validate(document) ? 'valid' : 'invalid';
}

console.log(JSON.stringify(Object.fromEntries(files.map((file) => [file, verdict(file)]))));
