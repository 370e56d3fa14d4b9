// lint-openapi.js FILE: what Redocly's recommended rules find wrong with an OpenAPI document, a line each. Exit 1 if anything.
'use strict';

const fs = require('fs');
const {createConfig, lintFromString} = require('@redocly/openapi-core');

async function main(file) {
    const config = await createConfig({extends: ['recommended-strict']});
    const problems = await lintFromString({source: fs.readFileSync(file, 'utf8'), absoluteRef: file, config});
    for (const {severity, ruleId, message, location} of problems) {
        console.log(`${severity} ${ruleId} ${location[0]?.pointer ?? ''}: ${message}`);
    }
    return problems.length === 0 ? 0 : 1;
}

main(process.argv[2]).then((status) => process.exit(status), (error) => {
    console.error(error);
    process.exit(2);
});
