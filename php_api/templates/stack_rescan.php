<?php
/**
 * How the last rescan went, and the form for the next one.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var ?CrowdSky\Rescans\RescanState $rescan
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Pages\Nights\JobWords;
use CrowdSky\Pages\Nights\StageWords;
use CrowdSky\Rescans\RescanState;

?>
<h2><?= $t('Rescan') ?></h2>
<?php if ($rescan !== null) : ?>
<p><a href="job.php?id=<?= $e($rescan->jobId) ?>"><?= $t('Rescan {id}', ['id' => $rescan->jobId]) ?></a>
    <span class="state <?= $e($rescan->state) ?>"><?= $e(JobWords::rescan($texts, $rescan->state)) ?></span>
    <span class="hint"><?= $time($rescan->changedAt) ?></span></p>
<?php if ($rescan->state === RescanState::PROCESSING) : ?>
<p class="progress"><progress max="1" value="<?= $e($rescan->progress ?? 0) ?>">
    <?= $t->number(100 * ($rescan->progress ?? 0)) ?> %</progress>
    <span><?= $rescan->stage === null ? $t('working') : $e(StageWords::doing($texts, $rescan->stage)) ?></span></p>
<?php elseif ($rescan->state === RescanState::SUBMITTED) : ?>
<p class="hint"><?= $rescan->attempt === 0 ? $t('It waits for a free worker.')
    : $t('Run {n} of {all} did not succeed; it will be tried again.', ['n' => $rescan->attempt, 'all' => $rescan->maxAttempts]) ?></p>
<?php endif ?>
<?php if ($rescan->reason !== null && $rescan->state !== RescanState::SOLVED) : ?>
<p class="<?= $rescan->state === RescanState::FAILED ? 'problem' : 'hint' ?>"><?= $e($texts->repeat($rescan->reason)) ?></p>
<?php endif ?>
<?php endif ?>
<?php if ($rescan === null || !$rescan->isLive()) : ?>
<p><?= $t('Solves and measures the stack again, without its subs. What it has now stays until something better is proven.') ?></p>
<form class="inline" method="post" action="stack.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="action" value="rescan">
    <input type="hidden" name="stack_id" value="<?= $e($stack->id) ?>">
<?= $partial('solver_choice', []) ?>
    <button class="second"><?= $t('Rescan') ?></button>
</form>
<?php endif ?>
