// PostGraphile over the cases, in production settings: one worker per core, no GraphiQL, no watching, connections only.
//
//   node server.mjs --url postgres://… --workers N
//
// Prints the address once every worker listens.

import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

process.env.NODE_ENV = 'production';
process.env.GRAPHILE_ENV = 'production';

const { values } = parseArgs({ options: { url: { type: 'string' }, workers: { type: 'string', default: '1' } } });

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on('listening', (_worker, address) => {
    listening += 1;
    if (listening === Number(values.workers)) console.log(`listening on http://127.0.0.1:${address.port}/graphql`);
  });
  // A worker that fails takes the rest along: half a peer must not be measured.
  cluster.on('exit', (_worker, code) => process.exit(code ?? 1));
  for (let worker = 0; worker < Number(values.workers); worker += 1) cluster.fork();
} else {
  const { postgraphile } = await import('postgraphile');
  const { grafserv } = await import('postgraphile/grafserv/node');
  const { makePgService } = await import('postgraphile/adaptors/pg');
  const { PostGraphileAmberPreset } = await import('postgraphile/presets/amber');
  const { PostGraphileConnectionFilterPreset } = await import('postgraphile-plugin-connection-filter');

  const instance = postgraphile({
    extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
    pgServices: [makePgService({ connectionString: values.url, schemas: ['public'], poolConfig: { max: 8 } })],
    gather: { pgStrictFunctions: true },
    schema: { defaultBehavior: '-mutation', connectionFilterRelations: false },
    grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, websockets: false },
    grafast: { explain: false },
  });
  const server = createServer();
  server.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  await instance.createServ(grafserv).addTo(server);
  // The schema is built before the first request, as a server that is rolled out has it.
  await instance.getSchema();
  // All workers share the port that the primary opens for them.
  server.listen(0, '127.0.0.1');
}
