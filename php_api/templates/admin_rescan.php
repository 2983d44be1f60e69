<?php
/**
 * @var bool $onlyUnsolved
 * @var array{unsolved: int, all: int} $counts
 * @var list<array<string, mixed>> $rows
 * @var CrowdSky\Pages\Pager $pager
 * @var CrowdSky\Rescans\UnmeasuredCounts $unmeasured
 * @var ?int $queued
 * @var ?int $skipped
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Rescans\RescanState;
use CrowdSky\Rescans\Rescans;

?>
<h1>Rescans</h1>
<?php if ($queued !== null) : ?>
<p class="note" role="status"><?= $e(Format::count($queued, 'stack', 'stacks')) ?> submitted<?= $skipped === null || $skipped === 0 ? '' : ', ' . $e($skipped) . ' skipped: their rescan has not ended yet' ?>.</p>
<?php endif ?>
<?= $partial('unmeasured', ['unmeasured' => $unmeasured]) ?>
<nav class="tabs" aria-label="Stacks">
    <a href="admin_rescan.php"<?= $onlyUnsolved ? ' aria-current="true"' : '' ?>>not solved <span><?= $e($counts['unsolved']) ?></span></a>
    <a href="admin_rescan.php?show=all"<?= $onlyUnsolved ? '' : ' aria-current="true"' ?>>all <span><?= $e($counts['all']) ?></span></a>
</nav>
<?php if ($rows === []) : ?>
<p class="empty"><?= $counts['all'] === 0 ? 'No stack yet.' : 'Every stack is solved.' ?></p>
<?php else : ?>
<form method="post" action="admin_rescan.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="show" value="<?= $onlyUnsolved ? 'unsolved' : 'all' ?>">
    <div class="inline">
<?= $partial('solver_choice', []) ?>
        <button name="action" value="selected">Rescan the chosen</button>
<?php if ($counts['unsolved'] > 0) : ?>
        <button class="second" name="action" value="unsolved">Rescan all unsolved<?= $counts['unsolved'] > Rescans::MAX_STACKS ? ', ' . $e(Rescans::MAX_STACKS) . ' at a time' : '' ?></button>
<?php endif ?>
    </div>
    <div class="scroll" role="region" aria-label="Stacks" tabindex="0">
    <table class="stacked wide">
        <thead><tr><th><span class="unseen"><?= $t('Chosen') ?></span></th><th>Stack</th><th>Owner</th><th>Taken</th><th>Solution</th><th>Last rescan</th></tr></thead>
        <tbody>
<?php foreach ($rows as $row) : ?>
            <tr>
                <td><input type="checkbox" name="stacks[]" value="<?= $e($row['id']) ?>" aria-label="Stack <?= $e($row['id']) ?>"></td>
                <td data-label="Stack"><a href="stack.php?id=<?= $e($row['id']) ?>"><?= $e($row['object_name'] ?? 'Unnamed object') ?></a>
                    <span class="hint"><?= $e($row['id']) ?></span></td>
                <td data-label="Owner"><?= $e($row['username']) ?></td>
                <td data-label="Taken"><?= $time($row['date_obs_start']) ?></td>
                <td data-label="Solution"><?= $partial('solved_mark', ['isSolved' => $row['solved'] === null ? null : (bool) $row['solved']]) ?>
                    <span class="hint"><?= $e($row['solved'] ? "{$row['solver']}, {$row['verdict']}" : $row['reason'] ?? '') ?></span></td>
                <td data-label="Last rescan"><?php if ($row['rescan'] !== null) : ?><a href="job.php?id=<?= $e($row['rescan_id']) ?>"><?= $e($row['rescan_id']) ?></a>
                    <span class="state <?= $e(RescanState::word($row['rescan'])) ?>"><?= $e(RescanState::word($row['rescan'])) ?></span><?php endif ?></td>
            </tr>
<?php endforeach ?>
        </tbody>
    </table>
    </div>
</form>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
