<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Database\Engine;

/** How the database went about the queries of a script that has RecordedStatement as the class of statements. */
final class QueryPlans
{
    /** @return list<array<string, mixed>> for each query that was recorded */
    public static function of(\PDO $pdo, Engine $engine): array
    {
        [$statements, RecordedStatement::$all] = [RecordedStatement::$all, []];
        $plans = [];
        foreach ($statements as $statement) {
            $explain = $pdo->prepare(($engine === Engine::Sqlite ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN ') . $statement->queryString);
            foreach ($statement->bound as $bound) {
                $explain->bindValue(...$bound);
            }
            $explain->execute();
            $plans[] = $explain->fetchAll();
        }
        RecordedStatement::$all = [];
        return $plans;
    }
}
