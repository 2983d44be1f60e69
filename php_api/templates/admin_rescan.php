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
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Pages\Nights\JobWords;
use CrowdSky\Pages\VerdictWords;
use CrowdSky\Rescans\RescanState;
use CrowdSky\Rescans\Rescans;

?>
<h1><?= $t('Rescans') ?></h1>
<?php if ($queued !== null) : ?>
<p class="note" role="status"><?= $t->count($queued, '{n} stack is measured again.', '{n} stacks are measured again.') ?><?= $skipped === null || $skipped === 0 ? '' : ' ' . $t->count($skipped, '{n} was left out: its rescan has not ended yet.', '{n} were left out: their rescans have not ended yet.') ?></p>
<?php endif ?>
<?= $partial('unmeasured', ['unmeasured' => $unmeasured]) ?>
<nav class="tabs" aria-label="<?= $t('Stacks') ?>">
    <a href="admin_rescan.php"<?= $onlyUnsolved ? ' aria-current="true"' : '' ?>><?= $t('not solved') ?> <span><?= $t->number($counts['unsolved']) ?></span></a>
    <a href="admin_rescan.php?show=all"<?= $onlyUnsolved ? '' : ' aria-current="true"' ?>><?= $t('all') ?> <span><?= $t->number($counts['all']) ?></span></a>
</nav>
<?php if ($rows === []) : ?>
<p class="empty"><?= $counts['all'] === 0 ? $t('No stack yet.') : $t('Every stack is solved.') ?></p>
<?php else : ?>
<form method="post" action="admin_rescan.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="show" value="<?= $onlyUnsolved ? 'unsolved' : 'all' ?>">
    <div class="inline">
<?= $partial('solver_choice', []) ?>
        <button name="action" value="selected"><?= $t('Rescan the chosen') ?></button>
<?php if ($counts['unsolved'] > 0) : ?>
        <button class="second" name="action" value="unsolved"><?= $counts['unsolved'] > Rescans::MAX_STACKS ? $t('Rescan all unsolved, {n} at a time', ['n' => $t->number(Rescans::MAX_STACKS)]) : $t('Rescan all unsolved') ?></button>
<?php endif ?>
    </div>
    <div class="scroll" role="region" aria-label="<?= $t('Stacks') ?>" tabindex="0">
    <table class="stacked wide">
        <thead><tr><th><span class="unseen"><?= $t('Chosen') ?></span></th><th><?= $t('Stack') ?></th><th><?= $t('Owner') ?></th><th><?= $t('Taken') ?></th><th><?= $t('Solution') ?></th><th><?= $t('Last rescan') ?></th></tr></thead>
        <tbody>
<?php foreach ($rows as $row) : ?>
            <tr>
                <td><input type="checkbox" name="stacks[]" value="<?= $e($row['id']) ?>" aria-label="<?= $t('Stack {id}', ['id' => $row['id']]) ?>"></td>
                <td data-label="<?= $t('Stack') ?>"><a href="stack.php?id=<?= $e($row['id']) ?>"><?= $row['object_name'] === null ? $t('Unnamed object') : $e($row['object_name']) ?></a>
                    <span class="hint"><?= $e($row['id']) ?></span></td>
                <td data-label="<?= $t('Owner') ?>"><?= $e($row['username']) ?></td>
                <td data-label="<?= $t('Taken') ?>"><?= $time($row['date_obs_start']) ?></td>
                <td data-label="<?= $t('Solution') ?>"><?= $partial('solved_mark', ['isSolved' => $row['solved'] === null ? null : (bool) $row['solved']]) ?>
                    <span class="hint"><?= $e($row['solved'] ? "{$row['solver']}, " . VerdictWords::of($texts, $row['verdict']) : $texts->repeat($row['reason'] ?? '')) ?></span></td>
                <td data-label="<?= $t('Last rescan') ?>"><?php if ($row['rescan'] !== null) : ?><a href="job.php?id=<?= $e($row['rescan_id']) ?>"><?= $e($row['rescan_id']) ?></a>
                    <span class="state <?= $e(RescanState::word($row['rescan'])) ?>"><?= $e(JobWords::rescan($texts, RescanState::word($row['rescan']))) ?></span><?php endif ?></td>
            </tr>
<?php endforeach ?>
        </tbody>
    </table>
    </div>
</form>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
