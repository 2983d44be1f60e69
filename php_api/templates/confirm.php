<?php
/**
 * @var bool $isConfirmed
 * @var ?string $problem
 * @var string $formToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h1><?= $t('Confirm your e-mail address') ?></h1>
<?php if ($isConfirmed) : ?>
<p class="note" role="status"><?= $t('Your e-mail address is confirmed.') ?></p>
<p><a href="account.php?section=login"><?= $t('To your account') ?></a></p>
<?php else : ?>
<?php if ($problem !== null) : ?>
<p class="problem" role="alert"><?= $e($problem) ?></p>
<?php endif ?>
<div class="forms single">
<form method="post" action="confirm.php">
    <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
    <label for="confirm-code"><?= $t('Code that you have got') ?></label>
    <input id="confirm-code" name="code" autocomplete="one-time-code" spellcheck="false" maxlength="80" required data-mailed-code>
    <button data-after-code><?= $t('Confirm') ?></button>
</form>
</div>
<script type="module" src="assets/js/mailed_code.js"></script>
<?php endif ?>
